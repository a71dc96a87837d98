import com.helger.base.debug.GlobalDebug;
import com.helger.phase4.dump.AS4DumpManager;
import com.helger.phase4.dump.AS4IncomingDumperFileBased;
import com.helger.phase4.dump.AS4OutgoingDumperFileBased;
import com.helger.phase4.incoming.AS4ServerInitializer;
import com.helger.phase4.incoming.mgr.AS4ProfileSelector;
import com.helger.phase4.profile.peppol.AS4PeppolProfileRegistarSPI;
import com.helger.phase4.servlet.AS4Servlet;
import com.helger.web.scope.mgr.WebScopeManager;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.File;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * An access point that receives: phase4's servlet under Jetty, on a free port of this machine, until standard input ends.
 *
 * <p>Arguments: the certificate of the CA that access points must have (PEM), and a folder for what came and went, byte for byte, or
 * nothing. Key and trust store are system properties, as WSS4J names them.
 */
public final class Receiver {
    public static void main(String[] arguments) throws Exception {
        GlobalDebug.setDebugModeDirect(true); // phase4 takes plain http in this mode only
        Kept.trust(arguments[0]);
        if (arguments.length > 1) {
            AS4DumpManager.setIncomingDumper(AS4IncomingDumperFileBased.createForDirectory(new File(arguments[1], "in")));
            AS4DumpManager.setOutgoingDumper(AS4OutgoingDumperFileBased.createForDirectory(new File(arguments[1], "out")));
        }
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addEventListener(new Scopes());
        context.addServlet(AS4Servlet.class, "/as4");
        server.setHandler(context);
        server.start();
        Line.of("listening").with("port", connector.getLocalPort()).print();
        while (System.in.read() >= 0) {
            // whatever is said: the end is what counts
        }
        server.stop();
        System.exit(0);
    }

    /** What phase4 wants to be there before the first request. */
    private static final class Scopes implements ServletContextListener {
        @Override
        public void contextInitialized(ServletContextEvent event) {
            WebScopeManager.onGlobalBegin(event.getServletContext());
            AS4ProfileSelector.setCustomDefaultAS4ProfileID(AS4PeppolProfileRegistarSPI.AS4_PROFILE_ID);
            AS4ServerInitializer.initAS4Server();
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            AS4ServerInitializer.shutdownAS4Server();
            WebScopeManager.onGlobalEnd();
        }
    }
}
